import { mountedVolumes, serviceName, serviceRevisionName, type ServiceSpec } from '../model/index.js';
import type { View } from '../ports/index.js';

/** Services that mount a volume, `todo/web`: those declared, and those that are on their way out. */
export function volumeUsers(volume: string, view: View): readonly string[] {
  const mounts = (spec: ServiceSpec | undefined): boolean => spec !== undefined && mountedVolumes(spec).includes(volume);
  const declared = view.list('Stack').flatMap(({ name, body }) => Object.entries(body.spec.services).flatMap(([service, spec]) => (mounts(spec) ? [serviceName(name, service)] : [])));
  const running = view.list('Instance').flatMap(({ body }) => (mounts(view.get('Service', serviceRevisionName(body.service, body.revision))?.body.spec) ? [body.service] : []));
  return [...new Set([...declared, ...running])].sort();
}
