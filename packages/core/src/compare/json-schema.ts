// The part of JSON Schema (2020-12) that fewstep's own files need, checked in one pass: so that the schema that is published is the one that
// is enforced. Not a general validator: unknown keywords are refused by the type.

export interface ObjectSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties: false;
  readonly description?: string;
  readonly $schema?: string;
  readonly title?: string;
}

export type JsonSchema =
  | ObjectSchema
  | {
      readonly type: "array";
      readonly items: JsonSchema;
      readonly minItems?: number;
      readonly maxItems?: number;
      readonly description?: string;
    }
  | {
      readonly type: "string";
      readonly minLength?: number;
      readonly maxLength?: number;
      readonly pattern?: string;
      readonly description?: string;
    }
  | {
      readonly type: "number" | "integer";
      readonly minimum?: number;
      readonly maximum?: number;
      readonly description?: string;
    }
  | { readonly const: string | boolean; readonly description?: string }
  | { readonly anyOf: readonly JsonSchema[]; readonly description?: string };

export type JsonPath = readonly (string | number)[];

export interface SchemaProblem {
  readonly path: JsonPath;
  /** The key is the problem, not its value. */
  readonly atKey?: boolean;
  readonly found: string;
  readonly expected: string;
}

/** The first problems of each place, in document order; empty for a value that fits. */
export function schemaProblems(schema: JsonSchema, value: unknown, path: JsonPath = []): readonly SchemaProblem[] {
  const wrong = (expected: string): readonly SchemaProblem[] => [{ path, found: shown(value), expected }];
  if ("const" in schema) return value === schema.const ? [] : wrong(JSON.stringify(schema.const));
  if ("anyOf" in schema) {
    const tries = schema.anyOf.map((one) => schemaProblems(one, value, path));
    if (tries.some((problems) => problems.length === 0)) return [];
    // the choice of the value's own kind is the one that was meant
    const meant = schema.anyOf.findIndex((one) => "type" in one && one.type === kindOf(value));
    return tries[meant] ?? wrong(schema.anyOf.map(expectation).join(", or "));
  }
  switch (schema.type) {
    case "object":
      return isRecord(value) ? objectProblems(schema, value, path) : wrong(expectation(schema));
    case "array": {
      const { minItems = 0, maxItems = Infinity, items } = schema;
      if (!Array.isArray(value) || value.length < minItems || value.length > maxItems)
        return wrong(expectation(schema));
      return value.flatMap((item, i) => schemaProblems(items, item, [...path, i]));
    }
    case "string": {
      const { minLength = 0, maxLength = Infinity, pattern } = schema;
      const fits = typeof value === "string" && value.length >= minLength && value.length <= maxLength;
      return fits && (pattern === undefined || new RegExp(pattern, "u").test(value)) ? [] : wrong(expectation(schema));
    }
    case "number":
    case "integer": {
      const { minimum = -Infinity, maximum = Infinity, type } = schema;
      const isKind = type === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value);
      return isKind && (value as number) >= minimum && (value as number) <= maximum ? [] : wrong(expectation(schema));
    }
    default:
      return schema satisfies never;
  }
}

function objectProblems(
  { properties, required = [] }: ObjectSchema,
  value: Readonly<Record<string, unknown>>,
  path: JsonPath,
): readonly SchemaProblem[] {
  const known = new Map(Object.entries(properties));
  const inside = Object.entries(value).flatMap(([key, item]): readonly SchemaProblem[] => {
    const schema = known.get(key);
    if (schema !== undefined) return schemaProblems(schema, item, [...path, key]);
    return [
      { path: [...path, key], atKey: true, found: shown(key), expected: `one of ${[...known.keys()].join(", ")}` },
    ];
  });
  const missing = required.filter((key) => !Object.hasOwn(value, key));
  return [...inside, ...missing.map((key) => ({ path, found: `no ${key}`, expected: key }))];
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "array" : isRecord(value) ? "object" : typeof value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A schema in words. */
function expectation(schema: JsonSchema): string {
  if (schema.description !== undefined) return schema.description;
  if ("const" in schema) return JSON.stringify(schema.const);
  if ("anyOf" in schema) return schema.anyOf.map(expectation).join(", or ");
  switch (schema.type) {
    case "object":
      return `an object of ${Object.keys(schema.properties).join(", ")}`;
    case "array":
      return `a list of ${schema.minItems ?? 0} to ${schema.maxItems ?? "any number of"} values: ${expectation(schema.items)}`;
    case "string":
      return "text";
    case "number":
    case "integer":
      return `a ${schema.type === "integer" ? "whole " : ""}number from ${schema.minimum ?? "-infinity"} to ${schema.maximum ?? "infinity"}`;
    default:
      return schema satisfies never;
  }
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
