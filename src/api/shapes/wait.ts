import { parseService, serviceName } from '../../model/index.js';
import type { View } from '../../ports/index.js';

/** Why nothing is to run of `todo/web` yet: `waits for todo/db`; undefined when nothing keeps it from beginning. */
export function waitOf(service: string, view: View): string | undefined {
  const names = parseService(service);
  const other = names === undefined ? undefined : view.get('Rollout', names.stack)?.body.waits?.[names.service];
  return names === undefined || other === undefined ? undefined : `waits for ${serviceName(names.stack, other)}`;
}
