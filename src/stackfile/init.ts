/** A stack file to begin with: every line explained, and valid as it is. */
export const initialStackFile = (name: string): string => `# yaml-language-server: $schema=./stack.schema.json
# A stack file: what runs, written down once. Print its schema with: kontenactl stack schema
stack: ${name}
version: 0.0.1

# Values that may differ from one installation to the next. Set them with -v NAME=VALUE.
variables:
  tag:
    type: string
    default: "1"

services:
  web:
    image: nginx:\${tag}
    instances: 2
    ports:
      # PORT OF THE NODE : PORT OF THE CONTAINER, in quotes
      - "8080:80"
    # Services that web needs: they are deployed before it. Their names do not resolve inside containers yet.
    # links:
    #   - db
    environment:
      LOG_LEVEL: info
    deploy:
      strategy: ha
      # A new instance counts as started once this port answers.
      wait_for_port: 80
    health_check:
      protocol: http
      port: 80
      uri: /

  # A service that keeps its data stays on its node.
  # db:
  #   image: postgres:16
  #   stateful: true
  #   volumes:
  #     - data:/var/lib/postgresql/data
  #   secrets:
  #     - secret: db-password
  #       name: POSTGRES_PASSWORD
  #       type: env

# Volumes that services mount, by name. Declare them first: kontenactl volume create data --driver local --scope instance
# volumes:
#   data:
#     external: true
`;
