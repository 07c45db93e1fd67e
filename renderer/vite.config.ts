import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/**
 * `--mode synthetic` runs the console with no engine at all: the page's client answers from the tests' synthetic fleet.
 * For working on views and for measuring them.
 */
function syntheticClient(): Plugin {
  const inPage = fileURLToPath(new URL('../tests/browser/support/in-page-client.ts', import.meta.url));
  return {
    name: 'synthetic-client',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source.endsWith('main/client/index.ts') && importer !== inPage ? inPage : undefined,
  };
}

export default defineConfig(({ mode }) => ({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [react(), ...(mode === 'synthetic' ? [syntheticClient()] : [])],
  build: {
    // Electron 22, which tests may run, carries Chrome 108.
    target: 'chrome108',
    outDir: fileURLToPath(
      new URL(mode === 'synthetic' ? '../dist/renderer-synthetic' : '../dist/renderer', import.meta.url),
    ),
    emptyOutDir: true,
    // Everything in files of their own: the page's policy allows no inline script and no data: URL.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
  },
  worker: { format: 'iife' as const, rolldownOptions: { output: { name: 'worker' } } },
}));
