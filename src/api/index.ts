/** The use cases behind the control API and the joining of nodes: the only writer of what people declare. */
export { createApi } from './create-api.js';
