const { API_HOST, API_PORT, PIECES } = process.env;
const answer = await fetch(`http://${API_HOST}:${API_PORT}/?pieces=${PIECES}`, { method: 'PUT' });
console.log('filled:', await answer.text());
