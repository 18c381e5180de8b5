// The public names of fewstep: what its commands do, as functions.
export * from "./compare/public.js";
