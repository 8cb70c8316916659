import type { Mistake, VolumeBody } from '../model/index.js';
import { validateVolumeFile } from './gen/validate-volume.js';
import { Mistakes } from './text/mistakes.js';
import { child, entriesOf, isMap, type Node, plainOf, textOf, wordOf } from './text/node.js';
import { addFindings, findings } from './text/schema-mistakes.js';
import { type SourceFile, TracedText } from './text/source.js';
import { parseYaml } from './text/yaml.js';

/** A volume as a document declares it. */
export interface VolumeDocument extends VolumeBody {
  readonly name: string;
}

export interface VolumesRead {
  readonly volumes: readonly VolumeDocument[];
  readonly mistakes: readonly Mistake[];
}

/** A key at the top that says so, written as YAML or as JSON. */
const IS_VOLUME = /^(?:\{\s*)?["']?kind["']?\s*:\s*["']?Volume\b/m;

/** The volumes that a file declares, one in each document; undefined for a file that declares none, but may be a stack file. */
export function readVolumes(file: SourceFile): VolumesRead | undefined {
  if (!IS_VOLUME.test(file.text)) return undefined;
  const mistakes = new Mistakes();
  const volumes = new Map<string, VolumeDocument>();
  for (const source of documentsOf(file)) {
    const root = parseYaml(source, mistakes);
    const volume = root === undefined ? undefined : volumeOf(root, mistakes);
    if (root === undefined || volume === undefined) continue;
    if (volumes.has(volume.name)) mistakes.error(child(root, 'name')?.at, ['name'], `volume "${volume.name}" is declared twice`, { hint: 'leave one of them out' });
    volumes.set(volume.name, volume);
  }
  return { volumes: [...volumes.values()], mistakes: mistakes.all() };
}

/** Each document of a file, in a text as long as the file, blank but for the document: so that every place stays where it is. */
function documentsOf(file: SourceFile): readonly TracedText[] {
  const { text } = file;
  const cuts = [...text.matchAll(/^---.*$/gm)].map(({ index, 0: line }) => ({ end: index, next: index + line.length }));
  const begins = [0, ...cuts.map(({ next }) => next)];
  const ends = [...cuts.map(({ end }) => end), text.length];
  return begins.flatMap((begin, index) => {
    const document = text.slice(begin, ends[index]);
    if (!/^[ \t]*[^#\s]/m.test(document)) return [];
    return [new TracedText(file, text.slice(0, begin).replace(/[^\n]/g, ' ') + document, TracedText.of(file).stretches)];
  });
}

function volumeOf(root: Node, mistakes: Mistakes): VolumeDocument | undefined {
  if (!isMap(root)) {
    mistakes.error(root.at, [], 'must be a mapping, with kind:, name: and scope:');
    return undefined;
  }
  const plain = plainOf(root);
  if (!validateVolumeFile(plain)) {
    addFindings(findings(validateVolumeFile.errors ?? [], 'a volume'), root, [], mistakes);
    return undefined;
  }
  const driverOpts = Object.fromEntries(entriesOf(child(root, 'driver_opts')).map(({ key, value }) => [key, wordOf(value)]));
  return { name: plain.name, scope: plain.scope, driver: textOf(child(root, 'driver')) ?? 'local', driverOpts };
}
