/** A node as the others of its grid reach it. */
export interface Peer {
  readonly node: string;
  /** Its part of the grid's subnet. */
  readonly subnet: string;
  /** Of its WireGuard interface, in base64. */
  readonly publicKey: string;
  /** `host:port`, for nodes of the same region. */
  readonly privateAddress?: string;
  /** `host:port`, for all others. */
  readonly publicAddress?: string;
  readonly region?: string;
}
