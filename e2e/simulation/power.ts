import Database from 'better-sqlite3';

/** Files whose commits wait for the disk, as their connection was told last. SQLite's own default, FULL, waits. */
const hurried = new Set<string>();

/** Listens to what connections are told, for nothing else can say what a power cut would take. */
const prototype: { pragma: Database.Database['pragma'] } = Database.prototype;
const told: (this: Database.Database, source: string, options?: Database.PragmaOptions) => unknown = prototype.pragma;
prototype.pragma = function (this: Database.Database, source: string, options?: Database.PragmaOptions) {
  const level = /^synchronous\s*=\s*(\w+)/i.exec(source)?.[1]?.toUpperCase();
  if (level === 'OFF' || level === 'NORMAL') hurried.add(this.name);
  else if (level !== undefined) hurried.delete(this.name);
  return told.call(this, source, options);
};

/** Whether a power cut leaves all that was committed to the store in a file. With NORMAL, the log of writes may be lost. */
export const waitsForDisk = (file: string): boolean => !hurried.has(file);
