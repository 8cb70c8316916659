import { type Entry, type ReportBody, serviceRevisionName } from '../../model/index.js';
import type { View } from '../../ports/index.js';

/** Whether the health check of an instance, where its service has one, agrees. */
export function isHealthy({ body }: Entry<'Instance'>, report: ReportBody | undefined, view: View): boolean {
  if (report?.health !== undefined) return report.health === 'healthy';
  return view.get('Service', serviceRevisionName(body.service, body.revision))?.body.spec.healthCheck === undefined;
}
