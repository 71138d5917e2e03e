/** The most subscriptions of one connection. In a file of its own, which costs a browser no schema. */
export const maxSubscriptions = 500;
