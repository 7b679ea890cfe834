import { useEffect } from 'preact/hooks';
import type { ReportData } from '../report-data.js';
import { address, visits } from './address.js';
import { toCountText } from './count-text.js';
import { GapHatch } from './label-bars.js';
import { Overview } from './overview.js';
import { PageHeader } from './page-header.js';
import type { SourceModel } from './report-model.js';
import { SourceView } from './source-view.js';
import { toDateText } from '../time-text.js';

export interface AppProps {
  readonly report: ReportData;
  readonly sources: readonly SourceModel[];
}

/** The whole page: the stream that the address names, the only one, or the overview of all. */
export function App({ report, sources }: AppProps) {
  const { streamId } = address.value;
  const only = sources.length === 1 ? sources[0] : undefined;
  const open = sources.find(({ data }) => data.streamId === streamId) ?? only;
  const isBack = open !== undefined && only === undefined;
  const title = open?.title ?? toCountText(sources.length, 'source');
  useEffect(() => {
    document.title = `${title} – labelcast report`;
  }, [title]);
  return (
    <>
      <GapHatch />
      <PageHeader isBack={isBack} />
      <main>
        {open === undefined ? (
          <Overview sources={sources} />
        ) : (
          <SourceView key={`${visits.value} ${open.data.streamId}`} source={open} />
        )}
      </main>
      <footer class="page-footer">
        Made {toDateText(Date.parse(report.made))} by {report.generator} with the model {report.model}.
      </footer>
    </>
  );
}
