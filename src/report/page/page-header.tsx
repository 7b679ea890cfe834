import { toLink } from './address.js';
import { chooseTheme, theme } from './theme.js';

/** The name of the thing, the way back to the overview when there is one, and the theme. */
export function PageHeader({ isBack }: { readonly isBack: boolean }) {
  const isDark = theme.value === 'dark';
  return (
    <header class="page-header">
      <span class="brand">
        <svg viewBox="0 0 24 20" width="24" height="20" aria-hidden="true">
          <rect x="0" y="1" width="13" height="4.5" rx="1.5" fill="var(--label-0)" />
          <rect x="7" y="7.75" width="17" height="4.5" rx="1.5" fill="var(--label-1)" />
          <rect x="3" y="14.5" width="10" height="4.5" rx="1.5" fill="var(--label-2)" />
        </svg>
        labelcast <span class="quiet">report</span>
      </span>
      {isBack && (
        <nav aria-label="Report">
          <a href={toLink(null)}>← All sources</a>
        </nav>
      )}
      <button
        type="button"
        class="theme-button"
        aria-pressed={isDark}
        onClick={() => chooseTheme(isDark ? 'light' : 'dark')}
      >
        <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
          <circle cx="10" cy="10" r="7.25" fill="none" stroke="currentColor" stroke-width="1.5" />
          <path d="M10 2.75a7.25 7.25 0 0 1 0 14.5z" fill="currentColor" />
        </svg>
        Dark
      </button>
    </header>
  );
}
