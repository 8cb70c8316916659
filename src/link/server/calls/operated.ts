import type { VerbCalls } from '../../../ports/index.js';
import { appliedTo } from '../../convert/stacks.js';
import { gridOf } from '../../convert/words.js';
import type { Applied, OperateRequest } from '../../gen/kontena/v1/control.js';

/** How each verb is served. */
export const operated = async (operate: VerbCalls[keyof VerbCalls], request: OperateRequest): Promise<Applied> => appliedTo(await operate(gridOf(request), request.name));
