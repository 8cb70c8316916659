/** The JSON Schema of stack files, for editors. */
export async function stackSchema(): Promise<Readonly<Record<string, unknown>>> {
  const { default: schema } = await import('../../schemas/stack.schema.json', { with: { type: 'json' } });
  return schema;
}
