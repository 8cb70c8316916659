/** What a container engine needs of its machine to use the grid's own registry. */
export interface EngineRegistry {
  /**
   * The programs of this machine know `host` by these addresses, and the engine trusts it by the cluster's authority; without
   * addresses neither. The engine is not restarted. What is so already is not written. @throws KON_ENGINE_FILES
   */
  introduce(host: string, addresses: readonly string[]): Promise<void>;
  /** Takes away all that {@link introduce} left for this node, whatever the host. @returns what was there, in words */
  forget(): Promise<readonly string[]>;
}
