/** Between two pings of the hub to each tab. Apart from the hub, which most pages do not load. */
export const pingMs = 20_000;
