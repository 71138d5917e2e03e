/** The most topics of one connection. In a file of its own, which costs a browser no schema. */
export const maxTopics = 500;
