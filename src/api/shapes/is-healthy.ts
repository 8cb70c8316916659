import { type Entry, isHealthy as agrees, type ReportBody, serviceRevisionName } from '../../model/index.js';
import type { View } from '../../ports/index.js';

/** Whether the health check of an instance, where it has one, agrees. */
export const isHealthy = ({ body }: Entry<'Instance'>, report: ReportBody | undefined, view: View): boolean =>
  agrees(report, view.get('Service', serviceRevisionName(body.service, body.revision))?.body.spec);
