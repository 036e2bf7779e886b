/** One Prometheus or Alertmanager of our own, on a free loopback port, in a folder that disappears with it. */
export interface MonitoringService extends AsyncDisposable {
  readonly url: string
  /** Ends the server and removes its folder. */
  stop(): Promise<void>
}

/** Starts a Prometheus with these files in its folder, among them `prometheus.yml`, and waits until it is ready. */
export function startPrometheus(files: Readonly<Record<string, string>>): Promise<MonitoringService>
/** As {@link startPrometheus}, with `alertmanager.yml`. */
export function startAlertmanager(files: Readonly<Record<string, string>>): Promise<MonitoringService>
