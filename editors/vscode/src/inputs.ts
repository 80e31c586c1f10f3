/** The inputs of a run as JSON: what to begin with, and what is wrong with what was typed. Knows no editor. */

export interface Input {
  name: string;
  type: string;
  required: boolean;
  default?: unknown;
}

export interface Signature {
  name: string;
  inputs: Input[];
}

const SAMPLES: Record<string, unknown> = {
  number: 0,
  integer: 0,
  string: "",
  boolean: false,
  array: [],
  object: {},
};

/** What stands in the box at first: the inputs of the last run as far as they still fit, else a sample of each required one. */
export function outline(signature: Signature | null, last: string | undefined): string {
  if (!signature) {
    return last ?? "{}";
  }
  if (last !== undefined && checkInputs(last, signature) === undefined) {
    return last;
  }
  const needed = signature.inputs.filter(({ required }) => required);
  return JSON.stringify(Object.fromEntries(needed.map((input) => [input.name, sample(input.type)])));
}

function sample(type: string): unknown {
  if (type.endsWith("?")) {
    return null;
  }
  return type.endsWith("[]") ? [] : (SAMPLES[type] ?? null);
}

/** What is wrong with the inputs in a text; nothing where nothing is. Types are the server's part. */
export function checkInputs(text: string, signature: Signature | null): string | undefined {
  let inputs: unknown;
  try {
    inputs = JSON.parse(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs)) {
    return "The inputs are an object: {\"name\": value}";
  }
  if (!signature) {
    return undefined;
  }
  const names = signature.inputs.map(({ name }) => name);
  const unknown = Object.keys(inputs).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    return `${signature.name} has no input ${unknown}; its inputs are ${names.join(", ")}`;
  }
  const missing = signature.inputs.find(({ name, required }) => required && !(name in inputs));
  return missing && `${signature.name} needs the input ${missing.name} (${missing.type})`;
}
