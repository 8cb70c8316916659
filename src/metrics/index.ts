/** What Prometheus is told of a master and of an agent: prom-client lives here. */
export { agentMetrics, type AgentSource } from './agent-metrics.js';
export { Durations } from './durations.js';
export { masterMetrics } from './master-metrics.js';
export { serveMetrics } from './serve-metrics.js';
