import {
  deleteGroups,
  describeGroups,
  ErrorCode,
  findCoordinator,
  heartbeat,
  joinGroup,
  leaveGroup,
  listGroups,
  syncGroup,
} from '../../../../../kafka-protocol/index.ts';
import type { Coordinator } from '../groups/coordinator.ts';
import type { Group } from '../groups/group.ts';
import { syncError } from '../groups/group-answers.ts';
import { type Route, route } from '../net/route.ts';

const GROUP_KEY = 0;
const NO_TRANSACTIONS = 'This embedded broker offers consumer groups, but no transactions.';

function findCoordinatorRoute(nodeId: number): Route {
  return route(findCoordinator, (request, { version, advertised }) => {
    const { host, port } = advertised;
    const isGroup = request.keyType === GROUP_KEY;
    const found = isGroup
      ? { nodeId, host, port, errorCode: ErrorCode.NONE, errorMessage: null }
      : { nodeId: -1, host: '', port: -1, errorCode: ErrorCode.INVALID_REQUEST, errorMessage: NO_TRANSACTIONS };
    if (version < 4) return found;
    return { coordinators: request.coordinatorKeys.map((key) => ({ key, ...found })) };
  });
}

function memberRoutes(groups: Coordinator): Route[] {
  return [
    route(joinGroup, (request, context) =>
      groups.join(request.groupId, {
        memberId: request.memberId,
        instanceId: request.groupInstanceId,
        clientId: context.clientId,
        clientHost: context.clientHost,
        sessionTimeoutMs: request.sessionTimeoutMs,
        rebalanceTimeoutMs: request.rebalanceTimeoutMs > 0 ? request.rebalanceTimeoutMs : request.sessionTimeoutMs,
        protocolType: request.protocolType,
        protocols: request.protocols,
        needsMemberId: context.version >= 4,
        canSkipAssignment: context.version >= 9,
      }),
    ),
    route(syncGroup, (request) => {
      const group = groups.get(request.groupId);
      if (group === undefined) return syncError(ErrorCode.UNKNOWN_MEMBER_ID);
      return group.sync({ ...request, instanceId: request.groupInstanceId });
    }),
    route(heartbeat, ({ groupId, memberId, groupInstanceId, generationId }) => ({
      errorCode: groups.get(groupId)?.heartbeat(memberId, groupInstanceId, generationId) ?? ErrorCode.UNKNOWN_MEMBER_ID,
    })),
    route(leaveGroup, (request, { version }) => {
      const group = groups.get(request.groupId);
      const leave = (memberId: string, instanceId: string | null) =>
        group?.leave(memberId, instanceId) ?? ErrorCode.UNKNOWN_MEMBER_ID;
      if (version < 3) return { errorCode: leave(request.memberId, null) };
      const members = request.members.map(({ memberId, groupInstanceId }) => {
        return { memberId, groupInstanceId, errorCode: leave(memberId, groupInstanceId) };
      });
      return { errorCode: ErrorCode.NONE, members };
    }),
  ];
}

const NO_BYTES = Buffer.alloc(0);

function describe(group: Group) {
  const settled = group.state === 'Stable';
  return {
    errorCode: ErrorCode.NONE,
    groupId: group.id,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: settled ? (group.protocolName ?? '') : '',
    members: group.allMembers().map((member) => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: settled ? member.metadataFor(group.protocolName) : NO_BYTES,
      memberAssignment: settled ? member.assignment : NO_BYTES,
    })),
  };
}

/** From version 6 an unknown group is an error; before, it is described as dead. */
function describeUnknown(groupId: string, version: number) {
  return {
    errorCode: version >= 6 ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.NONE,
    errorMessage: version >= 6 ? `Group ${groupId} not found.` : null,
    groupId,
    groupState: 'Dead',
    protocolType: '',
    protocolData: '',
    members: [],
  };
}

function adminRoutes(groups: Coordinator): Route[] {
  return [
    route(listGroups, (request) => {
      const states = new Set(request.statesFilter.map((state) => state.toLowerCase()));
      const types = request.typesFilter.map((type) => type.toLowerCase());
      const classic = types.length === 0 || types.includes('classic');
      const listed = groups
        .all()
        .filter(({ state }) => classic && (states.size === 0 || states.has(state.toLowerCase())));
      return {
        errorCode: ErrorCode.NONE,
        groups: listed.map(({ id, protocolType, state }) => ({
          groupId: id,
          protocolType: protocolType ?? '',
          groupState: state,
          groupType: 'classic',
        })),
      };
    }),
    route(describeGroups, (request, { version }) => ({
      groups: request.groups.map((id) => {
        const group = groups.get(id);
        return group === undefined ? describeUnknown(id, version) : describe(group);
      }),
    })),
    route(deleteGroups, (request) => ({
      results: request.groupsNames.map((groupId) => ({ groupId, errorCode: groups.delete(groupId) })),
    })),
  ];
}

/** The classic group protocol. The newer ones (KIP-848 and its kin) are not announced, so clients use this one. */
export function groupRoutes(groups: Coordinator, nodeId: number): Route[] {
  return [findCoordinatorRoute(nodeId), ...memberRoutes(groups), ...adminRoutes(groups)];
}
