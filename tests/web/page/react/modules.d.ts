// What the bundler makes of specifiers that TypeScript does not know: `?again` is the module evaluated apart
// (../../support/again.mjs), `?url` is Vite's.

declare module 'envsocket?again' {
  export * from 'envsocket';
}
declare module 'envsocket/react?again' {
  export * from 'envsocket/react';
}
declare module '*.wasm?url' {
  const url: string;
  export default url;
}
