import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import type { Client, EngineWatch } from '../../main/client/index.ts';
import { TooltipProvider } from '../ui/tooltip.tsx';
import { EngineProvider } from './engine-context.tsx';
import { router } from './router.tsx';

/** The console, over a connection to an engine. */
export function App({ engine, queries }: { engine: { client: Client; watch: EngineWatch }; queries: QueryClient }) {
  return (
    <StrictMode>
      <EngineProvider engine={engine}>
        <QueryClientProvider client={queries}>
          <TooltipProvider delayDuration={350}>
            <RouterProvider router={router} />
          </TooltipProvider>
        </QueryClientProvider>
      </EngineProvider>
    </StrictMode>
  );
}
