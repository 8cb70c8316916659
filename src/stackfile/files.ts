/** Characters a stack file may have; the largest real one has 12,000. */
export const LONGEST = 256 * 1024;

/** How stack files are found. */
export interface Files {
  /** Working directory, absolute. */
  readonly directory: string;
  /** Further folders whose files may be referred to, absolute: a person allowed them by name. */
  readonly allowed?: readonly string[] | undefined;
  /**
   * The text of a file by its absolute path; undefined when it is not there.
   *
   * @param folders in one of which the file must really lie, links followed; anywhere when absent
   * @throws KontenaError KON_FILE_OUTSIDE, KON_FILE_UNREADABLE
   */
  readFile(path: string, folders?: readonly string[]): Promise<string | undefined>;
  /** An absolute path with all links followed; the same when there are none. */
  readonly realPath?: (path: string) => Promise<string>;
  /** The text of `user/name[:version]` in a stack registry, or of an address; undefined when it is not there. */
  readonly fetchStack?: ((name: string) => Promise<string | undefined>) | undefined;
}
