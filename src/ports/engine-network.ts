/** The networks of a container engine. Knows its own by their labels, and touches no other. */
export interface EngineNetworks {
  /**
   * Makes the network, unless it is there as described; one of ours that is otherwise is made anew.
   *
   * @returns its name in the engine
   * @throws KontenaError KON_NETWORK_NAME_TAKEN, KON_SUBNET_TAKEN, KON_NETWORK_IN_USE
   */
  ensureNetwork(spec: EngineNetworkSpec): Promise<string>;
  /** What is gone is left so. @returns its name in the engine; undefined when it was not there @throws KON_NETWORK_IN_USE while containers are on it */
  removeNetwork(): Promise<string | undefined>;
}

export interface EngineNetworkSpec {
  /** `10.81.3.0/24`. */
  readonly subnet: string;
  /** Of the node on it: `10.81.3.1`. */
  readonly gateway: string;
  /** Name of the bridge's interface. */
  readonly bridge: string;
  /** The interface from which others reach containers directly. */
  readonly tunnel: string;
  /** Of its containers. One that is there keeps what it has: its containers were made with it. */
  readonly mtuBytes: number;
}

/** How a container is on its grid's network. */
export interface Attachment {
  /** As the engine calls it. */
  readonly network: string;
  /** `10.81.3.7`. */
  readonly address: string;
  readonly resolver: Resolver;
}

/** How a container looks for names. */
export interface Resolver {
  /** Servers of names. Empty: those of the engine. */
  readonly dns: readonly string[];
  /** Domains that a short name is looked for in. */
  readonly search: readonly string[];
}
