// One connection, of the URL and the pair named in the address, under StrictMode, which runs every effect twice.

import 'envsocket';
import { useConnection } from 'envsocket/react';
import { StrictMode, useEffect } from 'react';
import { createRoot } from 'react-dom/client';

declare global {
  interface Window {
    /** How often the component's effects ran. */
    effects: number;
  }
}

window.effects = 0;

function Connected({ url, project, env }: Record<'url' | 'project' | 'env', string>) {
  const { status } = useConnection(project, env, { url });
  useEffect(() => {
    window.effects += 1;
  }, []);
  return <p role="status">{status}</p>;
}

const parameters = new URLSearchParams(location.search);
const named = (name: string) => parameters.get(name) ?? '';
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root"');
createRoot(root).render(
  <StrictMode>
    <Connected url={named('url')} project={named('project')} env={named('env')} />
  </StrictMode>,
);
