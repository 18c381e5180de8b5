export { FewstepError, type ErrorDetails, type ErrorKind } from "./errors.js";
