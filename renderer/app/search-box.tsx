import { useNavigate, useRouterState } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { cx, Icon, type IconName, KeyHint } from '../ui/index.ts';
import { useCalmServices } from './engine-context.tsx';
import './search-box.css';
import { keepShared, useConsoleSearch, useSetConsoleSearch } from './use-console-search.ts';

interface Suggestion {
  readonly key: string;
  readonly icon: IconName;
  readonly text: string;
  readonly hint: string;
  readonly run: () => void;
}

/** One search for logs and traces; also finds services by name. Where results are on the screen it filters them. */
export function SearchBox() {
  const { q = '' } = useConsoleSearch();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const here = path.startsWith('/logs') ? '/logs' : path === '/traces' ? '/traces' : null;
  // Where it filters nothing, the search of another view would only look as if it did.
  const shown = here === null ? '' : q;
  const [text, setText] = useState(shown);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const suggestions = useSuggestions(text.trim(), here, () => {
    setOpen(false);
    input.current?.blur();
  });

  useEffect(() => setText(shown), [shown]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined) {
      setOpen(true);
      setActive((at) => (at + move + suggestions.length) % Math.max(1, suggestions.length));
    } else if (event.key === 'Enter') suggestions[open ? active : 0]?.run();
    else if (event.key === 'Escape') {
      setOpen(false);
      setText(shown);
      input.current?.blur();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <search className="search-box">
      <Icon name="search" />
      <input
        ref={input}
        id="search"
        type="text"
        role="combobox"
        aria-label="Search logs, traces and services"
        aria-expanded={open && suggestions.length > 0}
        aria-controls={listId}
        aria-activedescendant={open ? suggestions[active]?.key : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder="Search logs, traces, services"
        value={text}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
      />
      <KeyHint keys="/" />
      <KeyHint keys="Mod+K" />
      {open && suggestions.length > 0 && (
        <div className="search-list">
          <div id={listId} role="listbox" aria-label="Suggestions">
            {suggestions.map((one, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: a combobox keeps the focus and the keys in its input
              // biome-ignore lint/a11y/useFocusableInteractive: a combobox names its active option by aria-activedescendant
              <div
                key={one.key}
                id={one.key}
                role="option"
                aria-selected={index === active}
                className={cx('search-option', index === active && 'search-option-active')}
                onMouseDown={(event) => event.preventDefault()}
                onMouseEnter={() => setActive(index)}
                onClick={one.run}
              >
                <Icon name={one.icon} />
                <span className="truncate">{one.text}</span>
                <span className="faint">{one.hint}</span>
              </div>
            ))}
          </div>
          <p className="search-help faint">
            service:orders &nbsp; status:error &nbsp; duration&gt;200ms &nbsp; @user.id:42 &nbsp; &quot;timed out&quot;
          </p>
        </div>
      )}
    </search>
  );
}

function useSuggestions(text: string, here: '/logs' | '/traces' | null, done: () => void): Suggestion[] {
  const navigate = useNavigate();
  const set = useSetConsoleSearch();
  const services = useCalmServices();
  const search = (to: '/logs' | '/traces'): void => {
    if (to === here) set({ q: text || undefined });
    else void navigate({ to, search: (before) => ({ ...keepShared(before), q: text || undefined }) });
    done();
  };
  const option = (to: '/logs' | '/traces'): Suggestion => ({
    key: `search-${to.slice(1)}`,
    icon: to === '/logs' ? 'logs' : 'traces',
    text: text === '' ? `All ${to.slice(1)}` : text,
    hint: to === here ? `filter these ${to.slice(1)}` : `in ${to.slice(1)}`,
    run: () => search(to),
  });
  const found = services.filter((service) => text !== '' && service.id.includes(text.toLowerCase())).slice(0, 5);
  const both: Suggestion[] =
    here === '/traces' ? [option('/traces'), option('/logs')] : [option('/logs'), option('/traces')];
  if (text === '' && here === null) return [];
  return [
    ...both,
    ...found.map(
      (service): Suggestion => ({
        key: `search-service-${service.id}`,
        icon: 'services',
        text: service.id,
        hint: 'open the service',
        run: () => {
          void navigate({ to: '/services/$serviceId', params: { serviceId: service.id }, search: keepShared });
          done();
        },
      }),
    ),
  ];
}
