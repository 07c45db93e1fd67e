import {
  BIND_KEYS,
  BLKIO_KEYS,
  BLKIO_RATE_KEYS,
  BLKIO_WEIGHT_KEYS,
  BUILD_KEYS,
  CONFIG_KEYS,
  DEPENDENCY_KEYS,
  DEPLOY_KEYS,
  DEVICE_KEYS,
  DEVICE_REQUEST_KEYS,
  ENV_FILE_KEYS,
  EXTENDS_KEYS,
  GRANT_KEYS,
  HEALTHCHECK_KEYS,
  INCLUDE_KEYS,
  IPAM_KEYS,
  IPAM_POOL_KEYS,
  type KeySection,
  LIMITS_KEYS,
  LOGGING_KEYS,
  MOUNT_KEYS,
  MOUNTED_VOLUME_KEYS,
  NETWORK_KEYS,
  PORT_KEYS,
  RESERVATIONS_KEYS,
  RESOURCES_KEYS,
  RESTART_POLICY_KEYS,
  SECRET_KEYS,
  SERVICE_KEYS,
  SERVICE_NETWORK_KEYS,
  TMPFS_KEYS,
  TOP_KEYS,
  ULIMIT_KEYS,
  VOLUME_KEYS,
} from './keys.ts';

/** Every mapping of the Compose specification by where it stands: the tables of docs/compose.md. */
export const SECTIONS: Readonly<Record<string, KeySection>> = {
  'Top level': TOP_KEYS,
  'services.NAME': SERVICE_KEYS,
  'services.NAME.build': BUILD_KEYS,
  'services.NAME.blkio_config': BLKIO_KEYS,
  'services.NAME.blkio_config.weight_device[]': BLKIO_WEIGHT_KEYS,
  'services.NAME.blkio_config.device_read_bps[] and its like': BLKIO_RATE_KEYS,
  'services.NAME.configs[] and secrets[]': GRANT_KEYS,
  'services.NAME.depends_on.NAME': DEPENDENCY_KEYS,
  'services.NAME.deploy': DEPLOY_KEYS,
  'services.NAME.deploy.resources': RESOURCES_KEYS,
  'services.NAME.deploy.resources.limits': LIMITS_KEYS,
  'services.NAME.deploy.resources.reservations': RESERVATIONS_KEYS,
  'services.NAME.deploy.restart_policy': RESTART_POLICY_KEYS,
  'services.NAME.devices[]': DEVICE_KEYS,
  'services.NAME.env_file[]': ENV_FILE_KEYS,
  'services.NAME.extends': EXTENDS_KEYS,
  'services.NAME.gpus[] and deploy.resources.reservations.devices[]': DEVICE_REQUEST_KEYS,
  'services.NAME.healthcheck': HEALTHCHECK_KEYS,
  'services.NAME.logging': LOGGING_KEYS,
  'services.NAME.networks.NAME': SERVICE_NETWORK_KEYS,
  'services.NAME.ports[]': PORT_KEYS,
  'services.NAME.ulimits.NAME': ULIMIT_KEYS,
  'services.NAME.volumes[]': MOUNT_KEYS,
  'services.NAME.volumes[].bind': BIND_KEYS,
  'services.NAME.volumes[].volume': MOUNTED_VOLUME_KEYS,
  'services.NAME.volumes[].tmpfs': TMPFS_KEYS,
  'networks.NAME': NETWORK_KEYS,
  'networks.NAME.ipam': IPAM_KEYS,
  'networks.NAME.ipam.config[]': IPAM_POOL_KEYS,
  'volumes.NAME': VOLUME_KEYS,
  'configs.NAME': CONFIG_KEYS,
  'secrets.NAME': SECRET_KEYS,
  'include[]': INCLUDE_KEYS,
};

/** The tables as docs/compose.md has them. A test holds both together. */
export function keyTables(): string {
  const tables = Object.entries(SECTIONS).map(([where, section]) => {
    const rows = Object.entries(section).map(([key, row]) => {
      const cells = typeof row === 'string' ? [row, 'the same'] : row;
      return `| \`${key}\` | ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    });
    return [`### ${where}`, '', '| key | on Docker | on processes |', '| --- | --- | --- |', ...rows].join('\n');
  });
  return tables.join('\n\n');
}
