import { type Entry, parseServiceRevision, type Revision } from '../../model/index.js';
import type { View } from '../../ports/index.js';

export interface CurrentRevision {
  readonly revision: Revision;
  readonly entry: Entry<'Service'>;
}

/** The newest declared revision of `todo/web`; when the stack no longer declares it, undefined. */
export function currentRevision(service: string, view: View): CurrentRevision | undefined {
  return newest(view.list('Service', `${service}@`).filter(({ body }) => body.isCurrent));
}

/** The newest revision of `todo/web` that is still kept, declared or not. */
export const newestRevision = (service: string, view: View): CurrentRevision | undefined => newest(view.list('Service', `${service}@`));

function newest(entries: readonly Entry<'Service'>[]): CurrentRevision | undefined {
  let found: CurrentRevision | undefined;
  for (const entry of entries) {
    const revision = parseServiceRevision(entry.name)?.revision ?? 0;
    if (found === undefined || revision > found.revision) found = { revision, entry };
  }
  return found;
}
