/** An instance that has an address on its grid's network. */
export interface Endpoint {
  /** `todo/web.2@57`. */
  readonly instance: string;
  readonly address: string;
  readonly node: string;
  /** Its service is the one that its stack exposes. */
  readonly isExposed: boolean;
  /** Names lead to it. */
  readonly serves: boolean;
  /** Why they do not, in words. */
  readonly whyNot?: string;
  readonly ports?: readonly { readonly port: number; readonly protocol: 'tcp' | 'udp' }[];
}
