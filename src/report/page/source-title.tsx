import { Fragment } from 'preact';

/** The name of a source, which may break after what divides file names. */
export function SourceTitle({ title }: { readonly title: string }) {
  return (
    <bdi>
      {title.split(/(?<=[_.-])/).map((part, n) => (
        <Fragment key={n}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </bdi>
  );
}
