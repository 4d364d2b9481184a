import { Box, Group, Text } from '@mantine/core';
import { IconWifiOff } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '@/shared/api/connection';

/** A lost connection shows, and goes away by itself once it is back. */
export function OfflineBanner() {
  const { t } = useTranslation();
  const standing = useSyncExternalStore(connection.subscribe, connection.standing);
  return (
    <Box role="status" aria-live="polite">
      {standing !== 'well' && (
        <Box bg="yellow.3" c="dark.9" px="md" py={6}>
          <Group gap="xs" justify="center" wrap="nowrap">
            <IconWifiOff size={18} aria-hidden />
            <Text size="sm" fw={500}>
              {t(standing)}
            </Text>
          </Group>
        </Box>
      )}
    </Box>
  );
}
