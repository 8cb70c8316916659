import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FakeClock } from '../testing/fake-clock.js';
import { testAudit } from '../testing/test-audit.js';
import { FakeHost } from './fake-host.js';
