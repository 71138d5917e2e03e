// Does not stop when it is asked to.
process.on('SIGTERM', () => console.log('SIGTERM? Not now.'));
console.log('working for ever');
setInterval(() => undefined, 1_000_000);
