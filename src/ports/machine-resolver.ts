/** How programs of this machine look for names of a grid. */
export interface MachineResolver {
  /** They ask this server from now on, at least for what is of grids. Does only what lacks. */
  use(server: string): Promise<void>;
  /** They ask it no longer. @returns where that was said, in words; undefined where it was not */
  leave(): Promise<string | undefined>;
}
