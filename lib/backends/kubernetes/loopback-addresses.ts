export function refusalOf(server: string, address: string): string {
  return `The server ${new URL(server).origin} leads to ${address}, which belongs to this machine itself. GANTRY_ALLOW_PRIVATE_ADDRESSES=1 allows it.`;
}
