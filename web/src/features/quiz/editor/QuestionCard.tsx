import { useSortable } from '@dnd-kit/sortable';
import { CSS } from '@dnd-kit/utilities';
import { ActionIcon, Badge, Card, Collapse, Group, Menu, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconDots, IconGripVertical } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { decimal } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { Correction } from './Correction';
import { useKeepInBankMutation } from './api';
import type { Entry, Errors, Question } from './draft';
import { QuestionFields } from './QuestionFields';

interface Props {
  assignmentId: string;
  entry: Entry;
  number: number;
  isOpen: boolean;
  /** Somebody has started: only keys can be corrected, one by one. */
  started: boolean;
  errors: Errors;
  onCorrected: () => Promise<void>;
  onToggle: () => void;
  onChange: (question: Question) => void;
  onCopy: () => void;
  onRemove: () => void;
}

/** One question among the others: dragged by its handle, opened to be edited. */
export function QuestionCard(props: Props) {
  const { assignmentId, entry, number, isOpen, started, errors, onToggle, onChange } = props;
  const { question } = entry;
  const { t } = useTranslation('quiz');
  const { setNodeRef, transform, transition, isDragging, attributes, listeners } = useSortable({
    id: entry.key,
    disabled: started,
  });
  const title = question.title || t('editor.untitled');
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  const style = { transform: CSS.Translate.toString(transform), transition, zIndex: isDragging ? 2 : undefined };
  return (
    <Card ref={setNodeRef} style={style} p="sm" component="section" aria-label={`${number}. ${title}`}>
      <Group wrap="nowrap" gap="xs">
        {!started && (
          <ActionIcon
            variant="subtle"
            color="gray"
            {...attributes}
            {...listeners}
            aria-label={t('editor.drag', { title })}
          >
            <IconGripVertical size={18} aria-hidden />
          </ActionIcon>
        )}
        <UnstyledButton flex={1} miw={0} aria-expanded={isOpen} onClick={onToggle}>
          <Group wrap="nowrap" gap="xs">
            <Chevron size={16} style={{ flex: 'none' }} aria-hidden />
            <Group gap="xs" miw={0}>
              <Text fw={600} lineClamp={2}>
                {number}. {title}
              </Text>
              <Badge variant="light">{t(`kinds.${question.kind}`)}</Badge>
              {question.void && <Badge color="yellow">{t('editor.void')}</Badge>}
              {Object.keys(errors).length > 0 && <Badge color="red">{t('editor.lookHere')}</Badge>}
            </Group>
          </Group>
        </UnstyledButton>
        <Text size="sm" c="dimmed" flex="none">
          {t('points', { count: Number(question.points), points: decimal(question.points) })}
        </Text>
        <Actions {...props} title={title} />
      </Group>
      <Collapse in={isOpen}>
        {isOpen && (
          <Stack pt="md" px="xs">
            <QuestionFields question={question} onChange={onChange} errors={errors} pointsFixed={started} />
            {started && <Correction assignmentId={assignmentId} question={question} onDone={props.onCorrected} />}
          </Stack>
        )}
      </Collapse>
    </Card>
  );
}

function Actions({ entry, started, onCopy, onRemove, title }: Props & { title: string }) {
  const { t } = useTranslation('quiz');
  const { run } = useAction();
  const [keep] = useKeepInBankMutation();
  const intoBank = () => run(() => keep({ question: entry.question, tags: [] }).unwrap(), t('editor.inBank'));
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('editor.actions', { title })}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void intoBank()}>{t('editor.toBank')}</Menu.Item>
        <Menu.Item disabled={started} onClick={onCopy}>
          {t('editor.copy')}
        </Menu.Item>
        <Menu.Item disabled={started} color="red" onClick={onRemove}>
          {t('delete', { ns: 'common' })}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
