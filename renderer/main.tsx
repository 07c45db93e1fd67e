import { QueryClient } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { connect, watchEngine } from '../main/client/index.ts';
import { toErrorView } from '../main/contract/index.ts';
import { App } from './app/app.tsx';
import { ASK_AGAIN_MS, shouldAskAgain } from './app/ask-again.ts';
import { openSession } from './app/session.ts';
import { startTheme } from './app/theme.ts';
import './ui/tokens.css';
import './ui/base.css';
import { ErrorNote } from './ui/error-note.tsx';

async function start(): Promise<void> {
  startTheme();
  const root = createRoot(document.getElementById('root') ?? document.body);
  try {
    await openSession();
  } catch (error) {
    root.render(<ErrorNote error={toErrorView(error)} onRetry={() => location.reload()} />);
    return;
  }
  const client = connect({ url: location.origin });
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        retry: shouldAskAgain,
        retryDelay: ASK_AGAIN_MS,
        refetchOnWindowFocus: false,
        staleTime: 500,
        gcTime: 60_000,
      },
    },
  });
  root.render(<App engine={{ client, watch: watchEngine(client) }} queries={queries} />);
}

void start();
