import { useEffect, useRef, useState } from 'preact/hooks';
import { Preview } from './preview.js';
import type { SourceState } from './source-state.js';

/** The video of a source if this browser can have it, else the thumbnails of it, and why. */
export function Player({ state }: { readonly state: SourceState }) {
  const { video, kind } = state.source.data;
  const [isLost, setLost] = useState(false);
  const isRemote = video !== null && /^(?!file:)[a-z][a-z0-9+.-]*:/i.test(video);
  if (video !== null && !isRemote && !isLost)
    return <Video state={state} url={video} onLost={() => setLost(true)} />;
  return (
    <figure class="player">
      <Preview state={state} />
      <figcaption class="quiet">
        {isLost && video !== null ? (
          <>
            <bdi>{toFileName(video)}</bdi> could not be played. Keep it beside this report under the same
            name; browsers play H.264 in MP4, VP9 and AV1.
          </>
        ) : isRemote ? (
          <RemoteHint url={video} ms={state.playheadMs.value} />
        ) : kind === 'live' ? (
          'A live stream leaves no video to play.'
        ) : (
          'The file was gone when this report was made, so it cannot be played.'
        )}
      </figcaption>
    </figure>
  );
}

/** A report asks nothing of the network by itself; the reader may. */
function RemoteHint({ url, ms }: { readonly url: string; readonly ms: number }) {
  if (!/^https?:/i.test(url)) return <>The video is not a file, so it cannot be played here.</>;
  return (
    <>
      The video is on the network, where a report does not go by itself.{' '}
      <a href={`${url}#t=${(ms / 1000).toFixed(1)}`} target="_blank" rel="noreferrer">
        Open it at this time
      </a>
    </>
  );
}

function Video(props: { readonly state: SourceState; readonly url: string; readonly onLost: () => void }) {
  const { state, url, onLost } = props;
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (video === null) return;
    const arrive = () => {
      state.playheadMs.value = video.currentTime * 1000;
    };
    let frame = 0;
    const followFrames = () => {
      state.follow(video.currentTime * 1000);
      frame = video.paused ? 0 : requestAnimationFrame(followFrames);
    };
    video.addEventListener('play', followFrames);
    video.addEventListener('seeked', arrive);
    state.setPlayback({
      seek: (ms) => {
        video.currentTime = ms / 1000;
      },
      toggle: () => void (video.paused ? video.play().catch(() => undefined) : video.pause()),
    });
    return () => {
      cancelAnimationFrame(frame);
      state.setPlayback(null);
    };
  }, [state]);
  return (
    <figure class="player">
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- what is known of it is in the lanes and the table */}
      <video ref={element} src={url} controls preload="metadata" playsInline onError={onLost} />
    </figure>
  );
}

function toFileName(url: string): string {
  const name = url.slice(url.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
