import kafkajs, { type Admin } from 'kafkajs';

/** Does something at the brokers that labelcast itself never does. */
export async function withKafkaAdmin<T>(
  brokers: readonly string[],
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Lets a user do these operations on topics of a prefix, or on groups of a prefix. */
export function allow(
  brokers: readonly string[],
  user: string,
  rights: readonly (readonly ['topic' | 'group', string, 'READ' | 'WRITE' | 'CREATE' | 'DESCRIBE'])[],
): Promise<boolean> {
  const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
  const acl = rights.map(([kind, resourceName, operation]) => ({
    resourceType: kind === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
    resourceName,
    resourcePatternType: ResourcePatternTypes.PREFIXED,
    principal: `User:${user}`,
    host: '*',
    operation: AclOperationTypes[operation],
    permissionType: AclPermissionTypes.ALLOW,
  }));
  return withKafkaAdmin(brokers, (admin) => admin.createAcls({ acl }));
}
