// What Vite makes of a file whose text is asked for.

declare module '*?raw' {
  const text: string;
  export default text;
}
