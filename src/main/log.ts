import { pino } from 'pino';
import type { Log } from '../ports/index.js';

/** One JSON line per event on stderr: what service managers and log shippers read. */
export function processLog(program: string): Log {
  const logger = pino({ base: { program }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } }, pino.destination({ dest: 2, sync: true }));
  return {
    info: (message, facts = {}) => logger.info(facts, message),
    warn: (message, facts = {}) => logger.warn(facts, message),
    error: (message, facts = {}) => logger.error(facts, message),
  };
}
