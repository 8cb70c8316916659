import type { FactsBody } from '../../model/index.js';
import type { EngineInfo } from '../../ports/index.js';

/** Of an engine that has not answered yet. */
const UNKNOWN: EngineInfo = {
  version: '',
  apiVersion: '',
  operatingSystem: '',
  kernel: '',
  architecture: '',
  cpus: 0,
  memoryBytes: 0,
  volumeDrivers: [],
  networkDrivers: [],
  labels: [],
  addresses: [],
};

/** What the node is, as far as its engine has told. */
export function toFacts(agentVersion: string, info: EngineInfo = UNKNOWN): FactsBody {
  const { version, apiVersion, labels: _labels, ...rest } = info;
  return { agentVersion, engineVersion: version, engineApiVersion: apiVersion, ...rest };
}
