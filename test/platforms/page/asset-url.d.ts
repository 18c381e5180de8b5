// Vite's way to have a file copied and to get its address.
declare module "*?url" {
  export const url: string;
  export { url as default };
}
