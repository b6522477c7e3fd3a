#!/usr/bin/env node
// A Vendure shop for the tests: vendure.js MODULES FOLDER PORT-FILE. Seeds a shop in FOLDER with two products, places one order by its shop API, and
// writes its port to PORT-FILE when all that is done.
const path = require('path');
const fs = require('fs');
const [modules, folder, portFile] = process.argv.slice(2);
const need = (name) => require(require.resolve(name, { paths: [modules] }));
const { bootstrap, dummyPaymentHandler, DefaultLogger, LogLevel } = need('@vendure/core');
const { populate } = need('@vendure/core/cli');
const net = require('net');

const freePort = () => new Promise((resolve) => {
  const probe = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

const products = `name,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,stockOnHand,trackInventory,variantAssets,variantFacets
Tea,tea,Black tea,,,,,TEA-1,19.99,standard,100,true,,
Cup,cup,A cup,,,,,CUP-1,10.00,standard,50,true,,
`;
const initialData = {
  defaultLanguage: 'en', defaultZone: 'Americas', countries: [{ name: 'United States of America', code: 'US', zone: 'Americas' }],
  taxRates: [{ name: 'Standard Tax', percentage: 10 }], shippingMethods: [{ name: 'Standard', price: 500, taxRate: 0 }],
  paymentMethods: [{ name: 'dummy', handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'true' }] } }],
  collections: [], roles: [],
};

let token;
async function shop(port, query, variables) {
  const answer = await fetch(`http://127.0.0.1:${port}/shop-api`, {
    method: 'POST', body: JSON.stringify({ query, variables }),
    headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
  });
  token = answer.headers.get('vendure-auth-token') || token;
  const body = await answer.json();
  if (body.errors) throw new Error(JSON.stringify(body.errors));
  return body.data;
}

async function order(port) {
  await shop(port, 'mutation { addItemToOrder(productVariantId: "1", quantity: 2) { __typename } }');
  await shop(port, 'mutation { addItemToOrder(productVariantId: "2", quantity: 1) { __typename } }');
  await shop(port, 'mutation { setCustomerForOrder(input: { firstName: "Ann", lastName: "Lee", emailAddress: "ann@example.com" }) { __typename } }');
  await shop(port, 'mutation { setOrderShippingAddress(input: { fullName: "Ann Lee", streetLine1: "1 Main St", city: "Troy", province: "NY", postalCode: "12180", countryCode: "US" }) { __typename } }');
  const { eligibleShippingMethods } = await shop(port, '{ eligibleShippingMethods { id } }');
  await shop(port, 'mutation ($id: [ID!]!) { setOrderShippingMethod(shippingMethodId: $id) { __typename } }', { id: [eligibleShippingMethods[0].id] });
  await shop(port, 'mutation { transitionOrderToState(state: "ArrangingPayment") { __typename } }');
  const { addPaymentToOrder } = await shop(port, 'mutation { addPaymentToOrder(input: { method: "dummy", metadata: {} }) { __typename ... on Order { state totalWithTax } ... on ErrorResult { message } } }');
  if (addPaymentToOrder.state !== 'PaymentSettled') throw new Error(JSON.stringify(addPaymentToOrder));
}

(async () => {
  const port = await freePort();
  const csv = path.join(folder, 'products.csv');
  fs.writeFileSync(csv, products);
  const config = {
    logger: new DefaultLogger({ level: LogLevel.Error }),
    apiOptions: { port, hostname: '127.0.0.1', adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
    authOptions: { tokenMethod: ['bearer'], requireVerification: false, superadminCredentials: { identifier: 'superadmin', password: 'superpassword' }, cookieOptions: { secret: 'secret' } },
    dbConnectionOptions: { type: 'sqljs', synchronize: true, autoSave: true, location: path.join(folder, 'shop.sqlite') },
    paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] }, customFields: {}, plugins: [],
  };
  const seeded = await populate(() => bootstrap(config), initialData, csv);
  await seeded.close();
  await bootstrap(config);
  await order(port);
  fs.writeFileSync(`${portFile}.part`, String(port));
  fs.renameSync(`${portFile}.part`, portFile);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
