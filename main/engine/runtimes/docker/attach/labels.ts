/** Compose's own labels: https://github.com/docker/compose/blob/main/pkg/api/labels.go names them. */
export const ComposeLabel = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  configFiles: 'com.docker.compose.project.config_files',
  workingDir: 'com.docker.compose.project.working_dir',
  dependsOn: 'com.docker.compose.depends_on',
  oneOff: 'com.docker.compose.oneoff',
} as const;
